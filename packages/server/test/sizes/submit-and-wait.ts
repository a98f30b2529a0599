import { Darkroom } from '@darkroom/client';

/** The least that an app does with the SDK. Its bundle is measured. */
export async function submitAndWait(baseUrl: string, apiKey: string, prompt: string) {
  const darkroom = new Darkroom({ baseUrl, apiKey });
  const { request_id } = await darkroom.submit({ payload: { prompt } });
  return darkroom.wait(request_id);
}
