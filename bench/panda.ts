/** The request of the API's reference page. */
export const panda = {
  model: 'gemini-3-pro-image-preview',
  payload: { prompt: 'A panda making latte art in a cozy cafe', image_size: '1K', aspect_ratio: '1:1' },
} as const;

/** The path where requests are submitted and, followed by an id, read. */
export const requestsPath = '/api/v1/ie/requestqueue/apikey/requests';
