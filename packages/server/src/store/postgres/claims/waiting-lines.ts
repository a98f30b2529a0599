import { hasOwnRoom, hasRoom, type Standing, servesAll } from '../../../core/choose-model.ts';
import { toFirstInLine, toFirstInTurn } from '../../decisions/fair-order.ts';
import type { WorkRow } from '../../rows/request-rows.ts';
import { payloadOfRequest, workColumns } from '../database/rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/**
 * For each model, the lanes whose turn comes first. A claim of `limit` requests gets no further, because each request serves one
 * lane.
 *
 *     Index Only Scan using lanes_ready on lanes
 *       Index Cond: (model = model.model)
 */
export const selectFirstLanes = toStatement<{ readonly organization_id: string }>(
  `SELECT DISTINCT lane.organization_id FROM unnest($1::text[]) AS model (model) CROSS JOIN LATERAL (
     SELECT organization_id FROM lanes WHERE lanes.model = model.model AND has_ready AND NOT is_suspended
     ORDER BY turn, organization_id LIMIT $2
   ) AS lane`,
);

/**
 * The first ready requests of some lanes, in the order of claims; of those without room for their own model, the first that
 * another model may make. SKIP LOCKED: a claim never waits for a row that another transaction holds.
 *
 *     Index Scan using requests_ready on requests
 *       Index Cond: ((organization_id = lane.organization_id) AND (model = lane.model))
 */
export const selectReady = toStatement<WorkRow>(
  `SELECT ${workColumns} FROM unnest($1::text[], $2::text[], $3::boolean[]) AS lane (organization_id, model, has_room)
   CROSS JOIN LATERAL (
     SELECT * FROM requests WHERE organization_id = lane.organization_id AND model = lane.model AND ready
       AND (lane.has_room OR allows_stand_in)
     ORDER BY priority DESC, id LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED
   ) AS requests
   CROSS JOIN LATERAL ${payloadOfRequest}
   ORDER BY requests.priority DESC, requests.id`,
);

/** The ready requests of an organization, as far as they were read. */
interface Line {
  readonly organizationId: string;
  turn: number;
  /** By model, in the order in which they are served. */
  readonly rows: Map<string, WorkRow[]>;
  /** Models whose lanes have more requests than were read. */
  readonly unread: ReadonlySet<string>;
}

interface LinesQuery {
  readonly models: ReadonlyMap<string, string>;
  readonly standing: Standing;
  readonly limit: number;
  readonly aside: ReadonlySet<string>;
}

export interface ReadLane {
  readonly organization_id: string;
  readonly model: string;
  readonly turn: number;
  readonly ready: number;
  readonly is_suspended: boolean;
}

/** The waiting organizations, as far as they were read, and which request goes next (`fair-order.ts`). */
export class WaitingLines {
  readonly #lines: readonly Line[];
  readonly #models: ReadonlyMap<string, string>;

  private constructor(lines: readonly Line[], models: ReadonlyMap<string, string>) {
    this.#lines = lines;
    this.#models = models;
  }

  /** Reads about the first `limit` requests of the locked lanes, without those that are set aside. */
  static async read(
    session: Session,
    lanes: readonly ReadLane[],
    { models, standing, limit, aside }: LinesQuery,
  ): Promise<WaitingLines> {
    const ready = lanes.filter((lane) => lane.ready > 0 && !lane.is_suspended && models.has(lane.model));
    const each = Math.max(1, Math.ceil(limit / Math.max(1, ready.length))) + aside.size;
    const rows = await session.all(
      selectReady,
      ready.map((lane) => lane.organization_id),
      ready.map((lane) => lane.model),
      ready.map((lane) => servesAll(lane.model, standing)),
      each,
    );
    const byLane = Map.groupBy(rows, (row) => `${row.organization_id}\n${row.model}`);
    const readOf = (organizationId: string, model: string) => byLane.get(`${organizationId}\n${model}`) ?? [];
    const lines = [...Map.groupBy(ready, (lane) => lane.organization_id)].map(([organizationId, own]) => ({
      organizationId,
      turn: own[0]?.turn ?? 0,
      rows: new Map(own.map(({ model }) => [model, readOf(organizationId, model).filter(({ id }) => !aside.has(id))])),
      // A row that another transaction holds is skipped. Its lane is then not read again in this claim.
      unread: new Set(
        own.flatMap(({ model, ready }) =>
          ready > each && readOf(organizationId, model).length === each ? [model] : [],
        ),
      ),
    }));
    return new WaitingLines(lines, models);
  }

  /**
   * The next request, or why there is none: `unread` says that the lanes have to be read again. With `isOwn`, only of models that
   * have room.
   */
  next(standing: Standing, { isOwn }: { readonly isOwn: boolean }): WorkRow | 'unread' | undefined {
    const isOpen = isOwn ? hasOwnRoom : hasRoom;
    const open = new Set([...this.#models.keys()].filter((model) => isOpen(model, standing)));
    const toTakable = (model: string, rows: readonly WorkRow[]) =>
      servesAll(model, standing) ? rows[0] : rows.find((row) => row.allows_stand_in);
    const hasSome = (line: Line) =>
      [...line.rows].some(([model, rows]) => open.has(model) && (toTakable(model, rows) || line.unread.has(model)));
    const line = toFirstInTurn(this.#lines.filter(hasSome));
    if (!line) return undefined;
    const lanes = [...line.rows].filter(([model]) => open.has(model));
    if (lanes.some(([model, rows]) => !toTakable(model, rows) && line.unread.has(model))) return 'unread';
    return toFirstInLine(lanes.flatMap(([model, rows]) => toTakable(model, rows) ?? []));
  }

  /** The request has been taken: its organization goes behind all others. */
  take(row: WorkRow, turn: number): void {
    const line = this.#lines.find(({ organizationId }) => organizationId === row.organization_id);
    if (!line) return;
    line.turn = turn;
    this.passOver(row);
  }

  /** The request is not to be taken in this claim. */
  passOver({ id, model, organization_id: organizationId }: WorkRow): void {
    const rows = this.#lines.find((line) => line.organizationId === organizationId)?.rows;
    rows?.set(model, rows.get(model)?.filter((row) => row.id !== id) ?? []);
  }

  /** The requests that were tried before. */
  triedIds(): readonly string[] {
    const rows = this.#lines.flatMap((line) => [...line.rows.values()].flat());
    return rows.flatMap(({ id, attempt }) => (attempt > 0 ? [id] : []));
  }
}
