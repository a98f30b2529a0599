import { Choice } from './choice.tsx';
import type { PictureChoicesProps } from './picture-choices.tsx';
import { tierWords } from './tiers.ts';

/** How the upstream serves the request, at which price, and whether another model may make its pictures. */
export function ServiceChoices({ choices: { tier, allowsStandIn }, offer, onChange }: PictureChoicesProps) {
  return (
    <>
      {offer.tiers.length > 1 && (
        <Choice
          legend="Service"
          className="tiers"
          options={offer.tiers.map((one) => one.tier)}
          value={tier}
          onChange={(chosen) => onChange({ tier: chosen })}
        >
          {(option) => (
            <>
              {tierWords[option]} <small>{offer.tiers.find((one) => one.tier === option)?.price}</small>
            </>
          )}
        </Choice>
      )}
      {offer.standIns.length > 0 && (
        <label className="stand-ins">
          <input
            type="checkbox"
            checked={allowsStandIn}
            onChange={(event) => onChange({ allowsStandIn: event.target.checked })}
          />
          <span>May be made by {offer.standIns.join(' or ')} instead</span>
        </label>
      )}
    </>
  );
}
