import { Link } from '@tanstack/react-router';
import { OperatorsOnly } from '../operators-only.tsx';
import { toSentence } from '../session.tsx';
import { useTitle } from '../title.ts';
import { useKeys } from './api-keys.ts';
import { KeyForm } from './key-form.tsx';
import { KeyTable } from './key-table.tsx';
import '../styles/settings.css';

/** Who may call Darkroom, for operators. */
export function KeysPage() {
  useTitle('Keys');
  return (
    <main className="page">
      <div className="page-head">
        <h1>Keys</h1>
        <p className="soft">
          What each may spend is set under <Link to="/usage">Usage</Link>.
        </p>
      </div>
      <OperatorsOnly what="Keys are">
        <KeyForm />
        <AllKeys />
      </OperatorsOnly>
    </main>
  );
}

function AllKeys() {
  const { data, error } = useKeys();
  return (
    <section className="part" aria-labelledby="all-keys">
      <h2 id="all-keys" className="title">
        All keys
      </h2>
      {error && <p className="problem">{toSentence(error)}</p>}
      {data && <KeyTable keys={data.keys.toReversed()} />}
    </section>
  );
}
