import type * as protocol from '@darkroom/protocol';
import { describe, expectTypeOf, it } from 'vitest';
import type * as payload from './payload.ts';
import type * as shapes from './shapes.ts';

/** The compiler checks that the types of the SDK, which do not need zod, are those of the schemas. */

describe('the types of the SDK', () => {
  it('are those of the schemas', () => {
    expectTypeOf<shapes.RequestStatus>().toEqualTypeOf<protocol.RequestStatus>();
    expectTypeOf<shapes.ServiceTier>().toEqualTypeOf<protocol.ServiceTier>();
    expectTypeOf<shapes.TierChoice>().toEqualTypeOf<protocol.TierChoice>();
    expectTypeOf<shapes.UsageGroup>().toEqualTypeOf<protocol.UsageGroup>();
    expectTypeOf<shapes.WebhookEventName>().toEqualTypeOf<protocol.WebhookEventName>();
    expectTypeOf<shapes.DeliveryStatus>().toEqualTypeOf<protocol.DeliveryStatus>();
    expectTypeOf<shapes.SubmitReply>().toEqualTypeOf<protocol.SubmitReply>();
    expectTypeOf<shapes.RequestRecord>().toEqualTypeOf<protocol.RequestRecord>();
    expectTypeOf<shapes.RequestList>().toEqualTypeOf<protocol.RequestList>();
    expectTypeOf<shapes.DeletedRequest>().toEqualTypeOf<protocol.DeletedRequest>();
    expectTypeOf<shapes.QueueRecord>().toEqualTypeOf<protocol.QueueRecord>();
    expectTypeOf<shapes.SuccessOutcomeRecord>().toEqualTypeOf<protocol.SuccessOutcomeRecord>();
    expectTypeOf<shapes.FailureOutcomeRecord>().toEqualTypeOf<protocol.FailureOutcomeRecord>();
    expectTypeOf<shapes.FailureRecord>().toEqualTypeOf<protocol.FailureRecord>();
    expectTypeOf<shapes.MediaRecord>().toEqualTypeOf<protocol.MediaRecord>();
    expectTypeOf<shapes.TokenUsageRecord>().toEqualTypeOf<protocol.TokenUsageRecord>();
    expectTypeOf<shapes.ContentsTurn>().toEqualTypeOf<protocol.ContentsTurn>();
    expectTypeOf<shapes.ContentsPart>().toEqualTypeOf<protocol.ContentsPart>();
    expectTypeOf<shapes.StatusEventRecord>().toEqualTypeOf<protocol.StatusEventRecord>();
    expectTypeOf<shapes.AttemptEventRecord>().toEqualTypeOf<protocol.AttemptEventRecord>();
    expectTypeOf<shapes.WebhookEventRecord>().toEqualTypeOf<protocol.WebhookEventRecord>();
    expectTypeOf<shapes.ProgressRecord>().toEqualTypeOf<protocol.ProgressRecord>();
    expectTypeOf<shapes.LogLine>().toEqualTypeOf<protocol.LogLine>();
    expectTypeOf<shapes.RequestLog>().toEqualTypeOf<protocol.RequestLog>();
    expectTypeOf<shapes.AttemptRecord>().toEqualTypeOf<protocol.AttemptRecord>();
    expectTypeOf<shapes.AttemptList>().toEqualTypeOf<protocol.AttemptList>();
    expectTypeOf<shapes.UsageReport>().toEqualTypeOf<protocol.UsageReport>();
    expectTypeOf<shapes.Me>().toEqualTypeOf<protocol.Me>();
    expectTypeOf<shapes.ModelList>().toEqualTypeOf<protocol.ModelList>();
    expectTypeOf<shapes.ModelDetail>().toEqualTypeOf<protocol.ModelDetail>();
    expectTypeOf<shapes.ModelParameter>().toEqualTypeOf<protocol.ModelParameter>();
    expectTypeOf<shapes.UploadReply>().toEqualTypeOf<protocol.UploadReply>();
    expectTypeOf<shapes.UploadType>().toEqualTypeOf<protocol.UploadType>();
    expectTypeOf<shapes.ProblemBody>().toEqualTypeOf<protocol.ProblemBody>();
    expectTypeOf<shapes.ProblemCode>().toEqualTypeOf<protocol.ProblemCode>();
    expectTypeOf<shapes.EndpointRecord>().toEqualTypeOf<protocol.EndpointRecord>();
    expectTypeOf<shapes.NewEndpointRecord>().toEqualTypeOf<protocol.NewEndpointRecord>();
    expectTypeOf<shapes.EndpointList>().toEqualTypeOf<protocol.EndpointList>();
    expectTypeOf<shapes.WebhookSecretRecord>().toEqualTypeOf<protocol.WebhookSecretRecord>();
    expectTypeOf<shapes.DeliveryRecord>().toEqualTypeOf<protocol.DeliveryRecord>();
    expectTypeOf<shapes.DeliveryList>().toEqualTypeOf<protocol.DeliveryList>();
    expectTypeOf<shapes.WebhookTestRecord>().toEqualTypeOf<protocol.WebhookTestRecord>();
    expectTypeOf<shapes.FailedList>().toEqualTypeOf<protocol.FailedList>();
    expectTypeOf<shapes.RequeueReply>().toEqualTypeOf<protocol.RequeueReply>();
    expectTypeOf<shapes.UpstreamRecord>().toEqualTypeOf<protocol.UpstreamRecord>();
    expectTypeOf<shapes.UpstreamList>().toEqualTypeOf<protocol.UpstreamList>();
    expectTypeOf<shapes.BatchJobRecord>().toEqualTypeOf<protocol.BatchJobRecord>();
    expectTypeOf<shapes.BatchJobList>().toEqualTypeOf<protocol.BatchJobList>();
    expectTypeOf<shapes.BudgetRecord>().toEqualTypeOf<protocol.BudgetRecord>();
    expectTypeOf<shapes.BudgetList>().toEqualTypeOf<protocol.BudgetList>();
    expectTypeOf<shapes.LimitsBody>().toEqualTypeOf<protocol.LimitsBody>();
    expectTypeOf<shapes.ReachedLimit>().toEqualTypeOf<protocol.ReachedLimit>();
    expectTypeOf<shapes.Scope>().toEqualTypeOf<protocol.Scope>();
    expectTypeOf<shapes.OrganizationBody>().toEqualTypeOf<protocol.OrganizationBody>();
    expectTypeOf<shapes.OrganizationChange>().toEqualTypeOf<protocol.OrganizationChange>();
    expectTypeOf<shapes.OrganizationRecord>().toEqualTypeOf<protocol.OrganizationRecord>();
    expectTypeOf<shapes.OrganizationList>().toEqualTypeOf<protocol.OrganizationList>();
    expectTypeOf<shapes.KeyBody>().toEqualTypeOf<protocol.KeyBody>();
    expectTypeOf<shapes.KeyChange>().toEqualTypeOf<protocol.KeyChange>();
    expectTypeOf<shapes.KeyRecord>().toEqualTypeOf<protocol.KeyRecord>();
    expectTypeOf<shapes.KeyList>().toEqualTypeOf<protocol.KeyList>();
    expectTypeOf<shapes.NewKeyRecord>().toEqualTypeOf<protocol.NewKeyRecord>();
    expectTypeOf<shapes.Throughput>().toEqualTypeOf<protocol.Throughput>();
    expectTypeOf<shapes.DeletedContent>().toEqualTypeOf<protocol.DeletedContent>();
  });

  it('take the payloads that the schema takes, and no others', () => {
    expectTypeOf<payload.PayloadInput>().toEqualTypeOf<protocol.PayloadInput>();
  });
});
