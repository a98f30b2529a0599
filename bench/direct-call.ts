/** Calls an upstream directly, without Darkroom, with the body that Darkroom sends. Rejects unless the answer is a 200. */
export async function callUpstream(upstream: string, prompt: string): Promise<Response> {
  const response = await fetch(`${upstream}/v1beta/models/gemini-3-pro-image:generateContent`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': 'bench-key' },
    body: JSON.stringify({
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      generationConfig: {
        responseModalities: ['TEXT', 'IMAGE'],
        imageConfig: { aspectRatio: '1:1', imageSize: '1K' },
      },
    }),
  });
  if (response.ok) return response;
  throw new Error(`The upstream answered a direct call with ${response.status}: ${await response.text()}`);
}
