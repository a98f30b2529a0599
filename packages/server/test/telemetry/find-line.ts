/** The line that holds the secret, or its base64. */
export function findLine(text: string, secret: string): string | undefined {
  const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
  return text.split('\n').find((line) => forms.some((form) => line.includes(form)));
}
