import { Darkroom, DarkroomAdmin, DarkroomError } from '@darkroom/client';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useState } from 'react';

export interface SessionProviderProps {
  readonly apiKey: string;
  /** The server does not take the key any more; `reason` is its sentence. */
  readonly onRefused: (reason: string) => void;
  readonly children: ReactNode;
}

/** One signed-in key with its client, and what was read with it: another key starts with nothing. */
export function SessionProvider({ apiKey, onRefused, children }: SessionProviderProps) {
  const [session] = useState(() => ({
    clients: {
      doing: { darkroom: createDarkroom(apiKey), admin: new DarkroomAdmin(toOptions(apiKey)) },
      reading: {
        darkroom: new Darkroom({ ...toOptions(apiKey), maxRetries: 0 }),
        admin: new DarkroomAdmin({ ...toOptions(apiKey), maxRetries: 0 }),
      },
    },
    queries: createQueries((error) => {
      if (isRefusal(error)) onRefused(error.message);
    }),
  }));
  return (
    <ClientsContext value={session.clients}>
      <QueryClientProvider client={session.queries}>{children}</QueryClientProvider>
    </ClientsContext>
  );
}

/** For what the reader does; the client itself sends again what can be. */
export function useDarkroom(): Darkroom {
  return useClients().doing.darkroom;
}

/** For what the operator does; the server refuses it when the key is no admin's. */
export function useDarkroomAdmin(): DarkroomAdmin {
  return useClients().doing.admin;
}

/** For queries: they are what asks again, so their clients do not. */
export function useReading(): Clients {
  return useClients().reading;
}

function useClients(): Record<'doing' | 'reading', Clients> {
  const clients = use(ClientsContext);
  if (!clients) throw new Error('There is no SessionProvider around this component');
  return clients;
}

/** The client of the server that this page came from. */
export function createDarkroom(apiKey: string): Darkroom {
  return new Darkroom(toOptions(apiKey));
}

function toOptions(apiKey: string) {
  return { baseUrl: window.location.origin, apiKey };
}

/** Is the key itself what was refused? */
function isRefusal(error: Error): error is DarkroomError {
  return error instanceof DarkroomError && error.status === 401;
}

/** What went wrong, as a sentence for the reader. */
export function toSentence(error: unknown): string {
  return error instanceof DarkroomError ? error.message : 'Darkroom does not answer. Is it running?';
}

interface Clients {
  readonly darkroom: Darkroom;
  readonly admin: DarkroomAdmin;
}

const ClientsContext = createContext<Record<'doing' | 'reading', Clients> | undefined>(undefined);

const longestPauseMs = 10_000;

function createQueries(onError: (error: Error) => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // A server that is down or restarts is asked until it is back; what it refuses, it would refuse again.
        retry: (_count, error) => !(error instanceof DarkroomError) || error.status >= 500 || error.status === 429,
        retryDelay: (count) => Math.min(1_000 * 2 ** count, longestPauseMs),
        // A browser without a network still reaches a Darkroom on its own machine.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
}
