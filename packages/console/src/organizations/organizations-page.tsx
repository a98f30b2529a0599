import type { OrganizationRecord } from '@darkroom/protocol';
import { useState } from 'react';
import { OperatorsOnly } from '../operators-only.tsx';
import { ReadState } from '../read-state.tsx';
import { useTitle } from '../title.ts';
import { OrganizationForm } from './organization-form.tsx';
import { useOrganizations } from './organization-queries.ts';
import { OrganizationTable } from './organization-table.tsx';
import '../styles/settings.css';

/** The organizations, for operators. */
export function OrganizationsPage() {
  useTitle('Organizations');
  return (
    <main className="page">
      <div className="page-head">
        <h1>Organizations</h1>
        <p className="soft">Each has its own requests and pictures, and the keys that act for it.</p>
      </div>
      <OperatorsOnly what="Organizations are">
        <Organizations />
      </OperatorsOnly>
    </main>
  );
}

function Organizations() {
  const query = useOrganizations();
  const [changed, setChanged] = useState<OrganizationRecord>();
  const { data } = query;
  return (
    <>
      <section className="part" aria-labelledby="organization-form">
        <h2 id="organization-form" className="title">
          {changed ? `Change “${changed.name}”` : 'New organization'}
        </h2>
        <OrganizationForm key={changed?.id ?? ''} changed={changed} onDone={() => setChanged(undefined)} />
      </section>
      <section className="part" aria-labelledby="all-organizations">
        <h2 id="all-organizations" className="title">
          All organizations
        </h2>
        <ReadState of={query} />
        {data && <OrganizationTable organizations={data.organizations} onChange={setChanged} />}
      </section>
    </>
  );
}
