import {
  attemptEventSchema,
  attemptListSchema,
  attemptSchema,
  auditActionSchema,
  auditEntrySchema,
  auditListSchema,
  batchJobListSchema,
  batchJobSchema,
  budgetListSchema,
  budgetSchema,
  deletedContentSchema,
  deletedRequestSchema,
  deliveryListSchema,
  deliverySchema,
  endpointListSchema,
  endpointSchema,
  failedListSchema,
  failureOutcomeSchema,
  failureSchema,
  keyBodySchema,
  keyChangeSchema,
  keyListSchema,
  keySchema,
  limitsBodySchema,
  limitsSchema,
  logLineSchema,
  mediaSchema,
  mediaUrlSchema,
  meSchema,
  modelDetailSchema,
  modelListSchema,
  modelParameterSchema,
  modelPricesSchema,
  newEndpointSchema,
  newKeySchema,
  organizationBodySchema,
  organizationChangeSchema,
  organizationListSchema,
  organizationSchema,
  personSchema,
  problemKinds,
  problemSchema,
  progressSchema,
  queueSchema,
  reachedLimitSchema,
  requestListSchema,
  requestLogSchema,
  requestRecordSchema,
  requestStatusSchema,
  requeueReplySchema,
  scopeSchema,
  serviceTierSchema,
  sessionListSchema,
  sessionSchema,
  standInSchema,
  statusEventSchema,
  submitReplySchema,
  successOutcomeSchema,
  throughputSchema,
  tierChoiceSchema,
  tokenUsageSchema,
  turnSchema,
  uploadReplySchema,
  uploadTypes,
  upstreamListSchema,
  upstreamSchema,
  usageQuerySchema,
  usageReportSchema,
  webhookEventSchema,
  webhookSecretSchema,
  webhookTestSchema,
} from '@darkroom/protocol';
import type { z } from 'zod';
import { failureKinds } from '../../src/core/failures.ts';
import { type TypeNames, toComment, toTypeText } from './type-text.ts';

/** The types of the SDK, which are public names, and their schemas. */
const schemas = {
  RequestStatus: requestStatusSchema,
  ServiceTier: serviceTierSchema,
  TierChoice: tierChoiceSchema,
  UsageGroup: usageQuerySchema.shape.group_by.unwrap(),
  WebhookEventName: deliverySchema.shape.event,
  DeliveryStatus: deliverySchema.shape.status,
  SubmitReply: submitReplySchema,
  RequestRecord: requestRecordSchema,
  RequestList: requestListSchema,
  DeletedRequest: deletedRequestSchema,
  QueueRecord: queueSchema,
  SuccessOutcomeRecord: successOutcomeSchema,
  FailureOutcomeRecord: failureOutcomeSchema,
  FailureRecord: failureSchema,
  MediaUrl: mediaUrlSchema,
  MediaRecord: mediaSchema,
  TokenUsageRecord: tokenUsageSchema,
  StandInRecord: standInSchema,
  ContentsTurn: turnSchema,
  ContentsPart: turnSchema.shape.parts.element,
  StatusEventRecord: statusEventSchema,
  AttemptEventRecord: attemptEventSchema,
  WebhookEventRecord: webhookEventSchema,
  ProgressRecord: progressSchema,
  LogLine: logLineSchema,
  RequestLog: requestLogSchema,
  AttemptRecord: attemptSchema,
  AttemptList: attemptListSchema,
  UsageReport: usageReportSchema,
  Me: meSchema,
  ModelList: modelListSchema,
  ModelDetail: modelDetailSchema,
  ModelParameter: modelParameterSchema,
  ModelPrices: modelPricesSchema,
  UploadReply: uploadReplySchema,
  ProblemBody: problemSchema,
  EndpointRecord: endpointSchema,
  NewEndpointRecord: newEndpointSchema,
  EndpointList: endpointListSchema,
  WebhookSecretRecord: webhookSecretSchema,
  DeliveryRecord: deliverySchema,
  DeliveryList: deliveryListSchema,
  WebhookTestRecord: webhookTestSchema,
  FailedList: failedListSchema,
  RequeueReply: requeueReplySchema,
  UpstreamRecord: upstreamSchema,
  UpstreamList: upstreamListSchema,
  BatchJobRecord: batchJobSchema,
  BatchJobList: batchJobListSchema,
  BudgetRecord: budgetSchema,
  BudgetList: budgetListSchema,
  Limits: limitsSchema,
  LimitsBody: limitsBodySchema,
  ReachedLimit: reachedLimitSchema,
  Scope: scopeSchema,
  OrganizationBody: organizationBodySchema,
  OrganizationChange: organizationChangeSchema,
  OrganizationRecord: organizationSchema,
  OrganizationList: organizationListSchema,
  PersonRecord: personSchema,
  SessionRecord: sessionSchema,
  SessionList: sessionListSchema,
  KeyBody: keyBodySchema,
  KeyChange: keyChangeSchema,
  KeyRecord: keySchema,
  KeyList: keyListSchema,
  NewKeyRecord: newKeySchema,
  AuditAction: auditActionSchema,
  AuditEntryRecord: auditEntrySchema,
  AuditList: auditListSchema,
  Throughput: throughputSchema,
  DeletedContent: deletedContentSchema,
} satisfies Readonly<Record<string, z.core.$ZodType>>;

const names: TypeNames = new Map<z.core.$ZodType, string>([
  ...Object.entries(schemas).map(([name, schema]) => [schema, name] as const),
  [problemSchema.shape.code, 'ProblemCode'],
]);

/** `packages/client/src/shapes.ts`: what the schemas say, as plain types, so that no user of the SDK needs zod. */
export function toClientTypes(): string {
  return [
    '// Made by npm run docs from the schemas in packages/protocol. Do not edit.',
    ...Object.entries(schemas).map(([name, schema]) => toDeclaration(name, schema)),
    toProblems(),
    toFailures(),
    toUploadTypes(),
  ].join('\n\n');
}

function toDeclaration(name: string, schema: z.core.$ZodType): string {
  const text = toTypeText(schema, names, { isNamed: false });
  const comment = toComment(schema, '');
  return text.startsWith('{')
    ? `${comment}export interface ${name} ${text}`
    : `${comment}export type ${name} = ${text};`;
}

function toProblems(): string {
  const lines = Object.entries(problemKinds).map(
    ([code, { status, meaning }]) => `  /** ${meaning} */\n  ${code}: ${status};`,
  );
  return [
    '/** The codes of refused calls, with their HTTP status. */',
    `export interface ProblemStatuses {\n${lines.join('\n')}\n}`,
    '',
    'export type ProblemCode = keyof ProblemStatuses;',
  ].join('\n');
}

function toFailures(): string {
  const lines = Object.entries(failureKinds).map(([code, { meaning }]) => `  /** ${meaning} */\n  | '${code}'`);
  return `/** The codes of failed requests. A newer server may have more. */\nexport type FailureCode =\n${lines.join('\n')};`;
}

function toUploadTypes(): string {
  const lines = Object.entries(uploadTypes).map(([word, type]) => `  ${word}: '${type}',`);
  return [
    '/** The values of `file_type`, and the media type that the bytes must have. */',
    `export const uploadTypes = {\n${lines.join('\n')}\n} as const;`,
    '',
    'export type UploadType = keyof typeof uploadTypes;',
    '',
  ].join('\n');
}
