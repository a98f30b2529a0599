import { ConfirmButton } from '../confirm-button.tsx';
import { formatMoment } from '../formats.ts';
import { Problem } from '../problem.tsx';
import { toSentence } from '../sentences.ts';
import { ShownSecret } from '../shown-secret.tsx';
import { useSecret } from './webhook-queries.ts';

/** The secret that signs what is sent to the `webhook_url` of single requests. */
export function OwnSecret() {
  const { shown, show, rotate, hide, isBusy, error } = useSecret();
  return (
    <section className="part" aria-labelledby="own-secret">
      <h2 id="own-secret" className="title">
        Addresses of single requests
      </h2>
      <p className="soft">
        A request can have its own address, its <code>webhook_url</code>. What is sent there is signed with one secret
        of your organization.
      </p>
      {shown && (
        <ShownSecret secret={shown.secret} onDone={hide}>
          <strong>This secret signs what is sent to addresses of single requests.</strong>
          {shown.old_secret_until !== null && ` The old one also signs until ${formatMoment(shown.old_secret_until)}.`}
        </ShownSecret>
      )}
      <div className="actions">
        <button type="button" aria-disabled={isBusy} onClick={show}>
          Show secret
        </button>
        <ConfirmButton
          name="New secret"
          question="Make a new secret for your organization?"
          isBusy={isBusy}
          onConfirm={rotate}
        >
          The old secret also signs for 24 hours. Change it everywhere it is verified by then.
        </ConfirmButton>
      </div>
      {error && <Problem>{toSentence(error)}</Problem>}
    </section>
  );
}
