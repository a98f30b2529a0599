import type { Gates } from '../../http/gates.ts';
import type { Thumbnails } from '../../media/thumbnails.ts';
import type { BudgetStore } from '../../store/budget-store.ts';
import type { RequestStore } from '../../store/request-store.ts';
import type { WirePorts } from '../wire.ts';
import type { GivenUpCalls } from './given-up-calls.ts';

export interface McpWireOptions extends WirePorts {
  readonly store: Pick<RequestStore, 'list'>;
  readonly budgets: Pick<BudgetStore, 'list'>;
  readonly thumbnails: Pick<Thumbnails, 'find'>;
  /** Origins whose pages may call; `*` allows any. */
  readonly corsOrigins: readonly string[];
}

/** What the tools are made of. */
export interface ToolPorts extends McpWireOptions {
  readonly gates: Gates;
  readonly givenUp: GivenUpCalls;
}

/** What an answer about a request is made of. */
export type AnswerPorts = Pick<ToolPorts, 'media' | 'thumbnails' | 'publicUrl' | 'intake' | 'clock' | 'logger'>;
