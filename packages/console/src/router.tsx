import { requestStatuses } from '@darkroom/protocol';
import { createRootRouteWithContext, createRoute, createRouter } from '@tanstack/react-router';
import { Gallery } from './gallery/gallery.tsx';
import type { GallerySearch } from './gallery/gallery-search.ts';
import { QueuePage } from './queue/queue-page.tsx';
import { Shell } from './shell.tsx';
import { isUsageDays, type UsageSearch } from './usage/usage-days.ts';
import { UsagePage } from './usage/usage-page.tsx';
import { Workbench } from './workbench.tsx';

/** What every page gets from who signed in. */
export interface RouterContext {
  readonly signOut: () => void;
}

const root = createRootRouteWithContext<RouterContext>()({ component: Shell, notFoundComponent: NoPage });

const studio = createRoute({ getParentRoute: () => root, path: '/', component: Workbench });

const gallery = createRoute({
  getParentRoute: () => root,
  path: '/gallery',
  component: Gallery,
  validateSearch: (search: Record<string, unknown>): GallerySearch => {
    const { model, status, request } = search;
    const known = requestStatuses.find((one) => one === status);
    return {
      ...(typeof model === 'string' && { model }),
      ...(known && { status: known }),
      ...(typeof request === 'string' && { request }),
    };
  },
});

const queue = createRoute({ getParentRoute: () => root, path: '/queue', component: QueuePage });

const usage = createRoute({
  getParentRoute: () => root,
  path: '/usage',
  component: UsagePage,
  validateSearch: ({ days }: Record<string, unknown>): UsageSearch => (isUsageDays(days) ? { days } : {}),
});

export const router = createRouter({
  routeTree: root.addChildren([studio, gallery, queue, usage]),
  // Given when somebody has signed in.
  context: { signOut: () => undefined },
  // A request's id in the hash is no place of the page.
  defaultHashScrollIntoView: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

function NoPage() {
  return (
    <main className="page">
      <h1 className="title">There is no such page</h1>
      <p className="soft">The pages of Darkroom stand above.</p>
    </main>
  );
}
