import { type ProblemCode, problemKinds, problemSchema } from '@darkroom/protocol';
import { z } from 'zod';

/** A body of JSON. */
export const json = <S>(schema: S) => ({ 'application/json': { schema } });

export const organizationHeader = z.object({
  'X-Organization-ID': z
    .string()
    .optional()
    .meta({ description: 'For a key of several organizations: the organization to act for.' }),
});

/** For calls that can wait. */
export const preferHeader = {
  Prefer: z.string().optional().meta({
    description:
      '`wait=SECONDS`, from 1 to 600: the answer is sent when the request has ended, or after that time with the record as it is then.',
    example: 'wait=60',
  }),
};

/** The answers that refuse a call, and what each code means. */
export function refusals(...codes: readonly ProblemCode[]): Record<`${1 | 4 | 5}${string}`, object> {
  const byStatus = Map.groupBy(codes, (code) => problemKinds[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => {
      const description = same.map((code) => `\`${code}\`: ${problemKinds[code].meaning}`).join(' ');
      return [String(status), { description, content: json(problemSchema) }];
    }),
  );
}
