import type { RequestRecord } from '@darkroom/protocol';
import { Link } from '@tanstack/react-router';
import { statusWords, toPictures, toPreviousImage, toPrompt } from './record-facts.ts';
import { useEarlierTurns, useLaterTurns } from './turns.ts';
import './styles/turn-strip.css';

/** The conversation of the request: the turns before it, the request itself, and the turns that continue from it. */
export function TurnStrip({ record }: { readonly record: RequestRecord }) {
  const earlier = useEarlierTurns(record);
  const later = useLaterTurns(record);
  if (earlier.length + later.length === 0) return null;
  return (
    <section className="turns" aria-label="Turns of this conversation">
      <ol>
        {[...earlier, record].map((turn, index, turns) => (
          <Turn key={turn.request_id} turn={turn} next={turns[index + 1]} name={`Turn ${index + 1}`} />
        ))}
        {later.map((turn, index) => (
          <Turn
            key={turn.request_id}
            turn={turn}
            next={undefined}
            name={later.length > 1 ? `Branch ${index + 1}` : `Turn ${earlier.length + 2}`}
          />
        ))}
      </ol>
    </section>
  );
}

interface TurnProps {
  readonly turn: RequestRecord;
  /** The turn that continues from this one. It names the picture that it changes. */
  readonly next: RequestRecord | undefined;
  readonly name: string;
}

function Turn({ turn, next, name }: TurnProps) {
  const picture = toPictures(turn)[next ? toPreviousImage(next) : 0];
  return (
    <li>
      <Link to="/" hash={turn.request_id} activeOptions={{ includeHash: true }} className="turn">
        {picture ? (
          <img src={picture.thumbnailUrl} alt="" loading="lazy" />
        ) : (
          <span className="no-picture">{statusWords[turn.status]}</span>
        )}
        <span className="turn-name">{name}</span>
        <span className="turn-prompt">{toPrompt(turn)}</span>
      </Link>
    </li>
  );
}
