import { formatDollars } from './formats.ts';

export interface SendButtonProps {
  readonly isEdit: boolean;
  readonly count: number;
  /** In dollars; `undefined` until it is known. */
  readonly cost: number | undefined;
  /** Whether it may cost less. */
  readonly isMost: boolean;
  readonly isBusy: boolean;
  readonly isUploading: boolean;
  /** Whether the previous turn must be complete first. */
  readonly isWaiting: boolean;
}

/** Sends the form. Shows what will be made, what it costs, and what it is waiting for. */
export function SendButton({ isEdit, count, cost, isMost, isBusy, isUploading, isWaiting }: SendButtonProps) {
  return (
    <div className="send">
      <button type="submit" className="primary" aria-disabled={isBusy}>
        {toName(isEdit, count)}
        <kbd>{isApple ? '⌘ ↵' : 'Ctrl ↵'}</kbd>
      </button>
      <output className="cost" aria-label="Expected cost">
        {isUploading && 'The references are still being uploaded. '}
        {isWaiting && 'The previous turn is still under way. '}
        {cost !== undefined && `${isMost ? 'At most about' : 'About'} ${formatDollars(cost)}`}
      </output>
    </div>
  );
}

function toName(isEdit: boolean, count: number): string {
  if (isEdit) return count === 1 ? 'Change picture' : `Change it into ${count} pictures`;
  return count === 1 ? 'Make picture' : `Make ${count} pictures`;
}

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);
