import { useTitle } from '../title.ts';
import { Deliveries } from './deliveries.tsx';
import { Endpoints } from './endpoints.tsx';
import { OwnSecret } from './own-secret.tsx';
import '../styles/queue.css';
import '../styles/settings.css';
import '../styles/webhooks.css';

/** The endpoints that are called when requests of the organization change, and their deliveries. */
export function WebhooksPage() {
  useTitle('Webhooks');
  return (
    <main className="page">
      <div className="page-head">
        <h1>Webhooks</h1>
        <p className="soft">Darkroom calls these addresses when requests change.</p>
      </div>
      <Endpoints />
      <Deliveries />
      <OwnSecret />
    </main>
  );
}
