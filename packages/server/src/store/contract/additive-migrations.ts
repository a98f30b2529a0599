import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A schema, as statements of an older program depend on it: one line for each thing. */
export interface Shape {
  /** The tables. */
  readonly tables: readonly string[];
  /** What statements rely on: columns with their types, triggers, and the columns that `ON CONFLICT` names. */
  readonly has: readonly Line[];
  /** What rows must have: constraints, and columns that neither may be empty nor have a default. */
  readonly demands: readonly Line[];
}

export interface Line {
  readonly table: string;
  readonly text: string;
}

export interface EmptyDatabase {
  run(script: string): Promise<void>;
  readShape(): Promise<Shape>;
  destroy(): Promise<void>;
}

/** What would break a running program if its schema became the other one: a sentence each. */
function findObstacles(before: Shape, after: Shape): readonly string[] {
  const known = new Set(before.tables);
  const isIn = (lines: readonly Line[], { table, text }: Line) =>
    lines.some((line) => line.table === table && line.text === text);
  return [
    ...before.tables.filter((table) => !after.tables.includes(table)).map((table) => `${table} is gone`),
    ...before.has.filter((line) => !isIn(after.has, line)).map(({ table, text }) => `${table} has no more ${text}`),
    ...after.demands
      .filter((line) => known.has(line.table) && !isIn(before.demands, line) && !isMetByNull(line, before, after))
      .map(({ table, text }) => `${table} now demands ${text}`),
  ];
}

/** A unique index on a new column that may be NULL: rows of an older program have NULL there, which equals nothing. */
function isMetByNull({ table, text }: Line, before: Shape, after: Shape): boolean {
  const [, names = ''] = /^unique [^(]*\(([^)]*)\)/.exec(text) ?? [];
  const find = ({ has }: Shape, name: string) =>
    has.find((line) => line.table === table && line.text.startsWith(`${name} `))?.text;
  return names.split(/, ?/).some((name) => {
    const column = find(after, name);
    return column !== undefined && !column.endsWith(' NOT NULL') && find(before, name) === undefined;
  });
}

/** Scripts that a migration must not contain, in addition to those of the store itself. */
const breaking = [
  'DROP TABLE webhook_secrets',
  'ALTER TABLE api_keys RENAME TO keys',
  'ALTER TABLE api_keys RENAME COLUMN name TO title',
  'ALTER TABLE api_keys DROP COLUMN revoked_at',
  'CREATE UNIQUE INDEX one_of_each_name ON api_keys (name)',
  "ALTER TABLE api_keys ADD COLUMN mark text NOT NULL DEFAULT ''; CREATE UNIQUE INDEX one_of_each_mark ON api_keys (mark)",
];

interface MigrationsUnderTest {
  readonly migrations: readonly string[];
  readonly create: () => Promise<EmptyDatabase>;
  /** Scripts, in the store's SQL, that must be found. */
  readonly breaking: readonly string[];
}

/** The rule that lets a program keep running while the schema becomes one version newer: a migration only adds. */
export function describeAdditiveMigrations(name: string, { migrations, create, ...own }: MigrationsUnderTest): void {
  describe(`the migrations of ${name}`, () => {
    const obstacles: (readonly string[])[] = [];
    let database: EmptyDatabase;
    let last: Shape;
    beforeAll(async () => {
      database = await create();
      last = await database.readShape();
      for (const migration of migrations) {
        await database.run(migration);
        const shape = await database.readShape();
        obstacles.push(findObstacles(last, shape));
        last = shape;
      }
    });
    afterAll(() => database.destroy());

    it.each(migrations.map((_, index) => index + 1))(
      'let a program of the schema before keep running: number %d',
      (number) => {
        expect(obstacles[number - 1]).toEqual([]);
      },
    );

    it('may add tables, indexes, and columns that may be empty or have a default', async () => {
      await database.run(`
        CREATE TABLE moods (mood text NOT NULL); CREATE INDEX keys_by_name ON api_keys (name);
        ALTER TABLE api_keys ADD COLUMN mood text; CREATE UNIQUE INDEX keys_by_mood ON api_keys (mood); ALTER TABLE requests ADD COLUMN moods text NOT NULL DEFAULT ''`);
      const shape = await database.readShape();
      expect(findObstacles(last, shape)).toEqual([]);
      expect(shape.has.length).toBeGreaterThan(last.has.length);
      last = shape;
    });

    it.each([...breaking, ...own.breaking])('may not be: %s', async (script) => {
      await database.run(`BEGIN; ${script}`);
      const shape = await database.readShape().finally(() => database.run('ROLLBACK'));
      expect(findObstacles(last, shape)).not.toEqual([]);
    });
  });
}
