import { Darkroom, DarkroomAdmin, DarkroomError } from '@darkroom/client';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useState } from 'react';
import { DraftStore } from './draft-store.ts';
import { keepListsCurrent } from './known-records.ts';

export interface SessionProviderProps {
  readonly apiKey: string;
  /** Called when the server no longer accepts the key. `reason` is its message. */
  readonly onRefused: (reason: string) => void;
  readonly children: ReactNode;
}

/** One signed-in key, with its clients and the data that was read with it. Another key starts with no data. */
export function SessionProvider({ apiKey, onRefused, children }: SessionProviderProps) {
  const [session] = useState(() => ({
    clients: {
      doing: { darkroom: createDarkroom(apiKey), admin: new DarkroomAdmin(toOptions(apiKey)) },
      reading: {
        darkroom: new Darkroom({ ...toOptions(apiKey), maxRetries: 0, fetch: fetchInTime }),
        admin: new DarkroomAdmin({ ...toOptions(apiKey), maxRetries: 0, fetch: fetchInTime }),
      },
    },
    draft: new DraftStore(apiKey),
    queries: createQueries((error) => {
      if (isRefusal(error)) onRefused(error.message);
    }),
  }));
  return (
    <ClientsContext value={session.clients}>
      <DraftContext value={session.draft}>
        <QueryClientProvider client={session.queries}>{children}</QueryClientProvider>
      </DraftContext>
    </ClientsContext>
  );
}

/** For the reader's actions. This client retries calls that are safe to repeat. */
export function useDarkroom(): Darkroom {
  return useClients().doing.darkroom;
}

/** For the operator's actions. The server refuses them if the key is not an admin key. */
export function useDarkroomAdmin(): DarkroomAdmin {
  return useClients().doing.admin;
}

/** For queries. The queries retry themselves, so their clients do not. */
export function useReading(): Clients {
  return useClients().reading;
}

/** The draft of the studio. It is kept while other pages are shown. */
export function useDraftStore(): DraftStore {
  const store = use(DraftContext);
  if (!store) throw new Error('There is no SessionProvider around this component');
  return store;
}

function useClients(): Record<'doing' | 'reading', Clients> {
  const clients = use(ClientsContext);
  if (!clients) throw new Error('There is no SessionProvider around this component');
  return clients;
}

/** The client of the server that this page came from. */
function createDarkroom(apiKey: string): Darkroom {
  return new Darkroom(toOptions(apiKey));
}

function toOptions(apiKey: string) {
  return { baseUrl: window.location.origin, apiKey };
}

/** Whether the server refused the key itself. */
function isRefusal(error: Error): error is DarkroomError {
  return error instanceof DarkroomError && error.status === 401;
}

interface Clients {
  readonly darkroom: Darkroom;
  readonly admin: DarkroomAdmin;
}

const DraftContext = createContext<DraftStore | undefined>(undefined);
const ClientsContext = createContext<Record<'doing' | 'reading', Clients> | undefined>(undefined);

const longestPauseMs = 5_000;

function createQueries(onError: (error: Error) => void): QueryClient {
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // Calls are retried until a server that is down is back. A call that it refuses is not: it would be refused again.
        retry: (_count, error) => !(error instanceof DarkroomError) || error.status >= 500 || error.status === 429,
        retryDelay: (count) => Math.min(1_000 * 2 ** count, longestPauseMs),
        // A browser without a network still reaches a Darkroom on its own machine.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
  keepListsCurrent(queries);
  return queries;
}

const longestReadMs = 30_000;

/** A server that accepts calls but does not answer them counts as away too. */
const fetchInTime: typeof fetch = (input, init) => {
  const inTime = AbortSignal.timeout(longestReadMs);
  return fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, inTime]) : inTime });
};
