import {
  type OrganizationList,
  type OrganizationRecord,
  organizationBodySchema,
  organizationChangeSchema,
} from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { changeLimits } from '../../core/limits.ts';
import { defaultOrganizationId, type Organization } from '../../core/organization.ts';
import { createInputProblem, parseInput } from '../../core/parse-input.ts';
import { Problem } from '../../core/problem.ts';
import { toBy } from '../../http/auth.ts';
import { dropBodies } from '../../http/drop-bodies.ts';
import type { Clock } from '../../platform/clock.ts';
import type { OrganizationStore } from '../../store/organization-store.ts';
import { toOrganizationRecord } from '../records/organizations.ts';

export interface OrganizationRoutesOptions {
  readonly organizations: OrganizationStore;
  readonly clock: Clock;
}

interface OneRoute {
  Params: { id: string };
}

/** The organizations. Each answer but that of a removal has the organization as it is afterwards. */
export function registerOrganizationRoutes(app: FastifyInstance, options: OrganizationRoutesOptions): void {
  const { organizations, clock } = options;
  const toRecord = async (organization: Organization | undefined): Promise<OrganizationRecord> => {
    if (!organization) throw createMissing();
    const { ofOrganization } = await organizations.stored({ organizationId: organization.id, apiKeyId: '' });
    return toOrganizationRecord({ ...organization, storedBytes: ofOrganization });
  };

  app.get('/organizations', async (): Promise<OrganizationList> => {
    return { organizations: (await organizations.list()).map(toOrganizationRecord) };
  });

  app.get<OneRoute>('/organizations/:id', async ({ params }) => toRecord(await organizations.find(params.id)));

  app.post('/organizations', async ({ body, caller }, reply) => {
    const { id, name = id, limits = {} } = parseInput(organizationBodySchema, body, '');
    const given = { id, name, limits: changeLimits({}, limits), createdAt: clock.now(), suspendedAt: undefined };
    if (!(await organizations.create(given, toBy(caller, clock))))
      throw new Problem('organization_exists', `There is an organization ${id} already.`);
    return reply.code(201).send(await toRecord(given));
  });

  app.patch<OneRoute>('/organizations/:id', async ({ body, caller, params: { id } }) => {
    const { name, limits } = parseInput(organizationChangeSchema, body, '');
    const organization = await organizations.find(id);
    const change = {
      ...(name !== undefined && { name }),
      ...(limits && { limits: changeLimits(organization?.limits ?? {}, limits) }),
    };
    return toRecord(organization && (await organizations.change(id, change, toBy(caller, clock))));
  });

  app.register(async (scope) => {
    dropBodies(scope);

    scope.post<OneRoute>('/organizations/:id/suspend', async ({ caller, params: { id } }) => {
      assertMayLose(id, caller);
      return toRecord(await organizations.suspend(id, clock.now(), toBy(caller, clock)));
    });

    scope.post<OneRoute>('/organizations/:id/resume', async ({ caller, params }) =>
      toRecord(await organizations.resume(params.id, toBy(caller, clock))),
    );

    scope.delete<OneRoute>('/organizations/:id', async ({ caller, params: { id } }, reply) => {
      assertMayLose(id, caller);
      const removed = await organizations.remove(id, clock.now(), toBy(caller, clock));
      if (removed === 'missing') throw createMissing();
      if (removed === 'not-empty') throw createNotEmpty(id);
      return reply.code(204).send();
    });
  });
}

/** One call must not lock its own caller out, and the default organization is there for keys that name none. */
function assertMayLose(id: string, caller: { readonly organizationIds: readonly string[] }): void {
  if (id === defaultOrganizationId) throw createInputProblem([{ path: 'id', message: defaultRule }]);
  if (caller.organizationIds.includes(id)) throw createInputProblem([{ path: 'id', message: ownRule }]);
}

const defaultRule = 'is the default organization, which always exists and can be neither suspended nor removed';
const ownRule = 'is an organization of the key that this call is made with: use another admin key';

function createMissing(): Problem {
  return new Problem(
    'not_found',
    'There is no organization of this id; GET /api/v1/admin/organizations lists those that there are.',
  );
}

function createNotEmpty(id: string): Problem {
  return new Problem(
    'organization_not_empty',
    `The organization ${id} still has requests or pictures: it can be removed when they are gone. DELETE /api/v1/admin/organizations/${id}/content deletes them.`,
  );
}
