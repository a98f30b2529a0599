import { useCancel } from './requests.ts';
import { toSentence } from './sentences.ts';

export function CancelButton({ requestId }: { readonly requestId: string }) {
  const cancellation = useCancel();
  return (
    <>
      <button type="button" aria-disabled={cancellation.isPending} onClick={() => cancellation.mutate(requestId)}>
        Cancel
      </button>
      {cancellation.error && (
        <span className="problem" role="alert">
          {toSentence(cancellation.error)}
        </span>
      )}
    </>
  );
}
