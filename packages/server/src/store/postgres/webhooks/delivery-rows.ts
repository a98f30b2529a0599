/**
 * The columns of a `DeliveryRow`, in a SELECT from `webhook_deliveries` or after a RETURNING. Pending deliveries go to the
 * current URL of their endpoint.
 */
export const deliveryColumns = `
  number, id, organization_id, request_id, endpoint_id, event, seq, status, tries, created_at, last_try,
  CASE status WHEN 'pending' THEN coalesce(due_at, next_at) ELSE next_at END AS next_at,
  coalesce((
    SELECT endpoint.url FROM webhook_endpoints AS endpoint
    WHERE endpoint.id = webhook_deliveries.endpoint_id AND webhook_deliveries.status = 'pending'
  ), url) AS url`;
