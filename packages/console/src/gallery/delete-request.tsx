import { ConfirmButton, type ConfirmButtonProps } from '../confirm-button.tsx';

/** Asks whether a request is to be deleted, and says what that means. */
export function DeleteRequest(props: Pick<ConfirmButtonProps, 'of' | 'isBusy' | 'onConfirm'>) {
  return (
    <ConfirmButton name="Delete" question="Delete this request?" {...props}>
      Its prompt, its log and its pictures are deleted for good, and the URLs of the pictures stop working. What it cost
      stays in the sums.
    </ConfirmButton>
  );
}
