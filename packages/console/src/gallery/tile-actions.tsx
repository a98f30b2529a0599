import type { RequestRecord } from '@darkroom/protocol';
import { toPrompt } from '../record-facts.ts';
import { DeleteRequest } from './delete-request.tsx';

export interface TileActionsProps {
  readonly record: RequestRecord;
  readonly isBusy: boolean;
  readonly onDelete: () => void;
}

/** What can be done with a request without opening it. It is shown when the pointer or the keyboard is on the tile. */
export function TileActions({ record, isBusy, onDelete }: TileActionsProps) {
  return (
    <div className="tile-actions">
      <DeleteRequest of={toPrompt(record)} isBusy={isBusy} onConfirm={onDelete} />
    </div>
  );
}
