import { createRootRouteWithContext, createRoute, createRouter, Link } from '@tanstack/react-router';
import { AuditPage } from './audit/audit-page.tsx';
import { toAuditSearch } from './audit/audit-search.ts';
import { Gallery } from './gallery/gallery.tsx';
import { toGallerySearch } from './gallery/gallery-search.ts';
import { KeysPage } from './keys/keys-page.tsx';
import { OrganizationsPage } from './organizations/organizations-page.tsx';
import { QueuePage } from './queue/queue-page.tsx';
import { SessionsPage } from './sessions/sessions-page.tsx';
import { Shell } from './shell.tsx';
import { useTitle } from './title.ts';
import { UploadsPage } from './uploads/uploads-page.tsx';
import { isUsageDays, type UsageSearch } from './usage/usage-days.ts';
import { UsagePage } from './usage/usage-page.tsx';
import { WebhooksPage } from './webhooks/webhooks-page.tsx';
import { Workbench } from './workbench.tsx';

/** The context of every page for a signed-in reader. */
export interface RouterContext {
  readonly signOut: () => void;
}

const root = createRootRouteWithContext<RouterContext>()({ component: Shell, notFoundComponent: NoPage });

const studio = createRoute({ getParentRoute: () => root, path: '/', component: Workbench });

const gallery = createRoute({
  getParentRoute: () => root,
  path: '/gallery',
  component: Gallery,
  validateSearch: toGallerySearch,
});

const queue = createRoute({ getParentRoute: () => root, path: '/queue', component: QueuePage });

const usage = createRoute({
  getParentRoute: () => root,
  path: '/usage',
  component: UsagePage,
  validateSearch: ({ days }: Record<string, unknown>): UsageSearch => (isUsageDays(days) ? { days } : {}),
});

const keys = createRoute({ getParentRoute: () => root, path: '/keys', component: KeysPage });

const organizations = createRoute({
  getParentRoute: () => root,
  path: '/organizations',
  component: OrganizationsPage,
});

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  component: AuditPage,
  validateSearch: toAuditSearch,
});

const sessions = createRoute({ getParentRoute: () => root, path: '/sessions', component: SessionsPage });

const webhooks = createRoute({ getParentRoute: () => root, path: '/webhooks', component: WebhooksPage });

const uploads = createRoute({ getParentRoute: () => root, path: '/uploads', component: UploadsPage });

export const router = createRouter({
  routeTree: root.addChildren([studio, gallery, uploads, queue, usage, webhooks, keys, organizations, sessions, audit]),
  // Set when the reader has signed in.
  context: { signOut: () => undefined },
  // The id of a request in the hash is not a position on the page.
  defaultHashScrollIntoView: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

function NoPage() {
  useTitle('No such page');
  return (
    <main className="page">
      <h1 className="title">There is no such page</h1>
      <p className="soft">
        The address may be mistyped or out of date. <Link to="/">Go to the studio</Link>, or choose a page above.
      </p>
    </main>
  );
}
