import type { RequestRecord } from '@darkroom/protocol';
import { useEffect, useState } from 'react';
import { formatDuration } from './formats.ts';
import { useModelDetail } from './models.ts';
import { toAskedPixels, toCount } from './record-facts.ts';
import './styles/tray.css';

/** Sheets of the requested shape in the developer bath. */
export function Tray({ record }: { readonly record: RequestRecord }) {
  const { width, height } = toAskedPixels(record, useModelDetail(record.model));
  const count = toCount(record);
  return (
    <div className={`tray ${record.status} ${count > 1 ? 'many' : ''}`} aria-hidden="true">
      {Array.from({ length: count }, (_, index) => index).map((index) => (
        <div key={index} className="sheet">
          {/* It is as large as the picture will be. */}
          <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} />
          <span className="latent" />
          <span className="ripple" />
        </div>
      ))}
    </div>
  );
}

const secondMs = 1_000;

/** The running time since a Unix time. */
export function Elapsed({ since }: { readonly since: number }) {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), secondMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <p className="facts">
      <span>{formatDuration(Math.max(0, Math.floor(nowMs / secondMs) - since))}</span>
    </p>
  );
}
