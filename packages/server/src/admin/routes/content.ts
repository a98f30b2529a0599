import { type DeletedContent, organizationIdSchema } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { parseInput } from '../../core/parse-input.ts';
import { dropBodies } from '../../http/drop-bodies.ts';
import type { Intake } from '../../intake/intake.ts';

interface OneRoute {
  Params: { id: string };
}

/** Deletes everything that an organization has sent and made. Its keys, its budgets and what it has spent stay. */
export function registerContentRoute(
  app: FastifyInstance,
  { intake }: { readonly intake: Pick<Intake, 'deleteOrganization'> },
): void {
  app.register(async (scope) => {
    dropBodies(scope);
    scope.delete<OneRoute>('/organizations/:id/content', async ({ caller, params }): Promise<DeletedContent> => {
      const id = parseInput(organizationIdSchema, params.id, 'id');
      const { requests, uploads, isComplete } = await intake.deleteOrganization(id, caller);
      return { requests, uploads, is_complete: isComplete };
    });
  });
}
