import type { KeyRecord } from '@darkroom/protocol';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { OperatorsOnly } from '../operators-only.tsx';
import { ReadState } from '../read-state.tsx';
import { useTitle } from '../title.ts';
import { useKeys } from './api-keys.ts';
import { ChangeKeyForm, NewKeyForm } from './key-form.tsx';
import { KeyTable } from './key-table.tsx';
import '../styles/settings.css';

/** The API keys, for operators. */
export function KeysPage() {
  useTitle('Keys');
  return (
    <main className="page">
      <div className="page-head">
        <h1>Keys</h1>
        <p className="soft">
          Spending limits are set under <Link to="/usage">Usage</Link>.
        </p>
      </div>
      <OperatorsOnly what="Keys are">
        <Keys />
      </OperatorsOnly>
    </main>
  );
}

function Keys() {
  const query = useKeys();
  const [changed, setChanged] = useState<KeyRecord>();
  const { data } = query;
  return (
    <>
      <section className="part" aria-labelledby="key-form">
        <h2 id="key-form" className="title">
          {changed ? `Change “${changed.name}”` : 'New key'}
        </h2>
        {changed ? (
          <ChangeKeyForm key={changed.id} changed={changed} onDone={() => setChanged(undefined)} />
        ) : (
          <NewKeyForm />
        )}
      </section>
      <section className="part" aria-labelledby="all-keys">
        <h2 id="all-keys" className="title">
          All keys
        </h2>
        <ReadState of={query} />
        {data && <KeyTable keys={data.keys.toReversed()} onChange={setChanged} />}
      </section>
    </>
  );
}
