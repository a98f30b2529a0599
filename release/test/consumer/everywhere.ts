// What strict TypeScript makes of the client where there is nothing but the web's own types.
import { Darkroom, DarkroomAdmin, type DarkroomError } from '@darkroom/client';

export async function makePicture(darkroom: Darkroom): Promise<string | undefined> {
  const { request_id: id } = await darkroom.submit({ payload: { prompt: 'A kite', number_of_images: 2 } });
  const record = await darkroom.wait(id);
  if (record.status !== 'success') return undefined;
  const price: number = record.cost_usd;
  // @ts-expect-error a price is not a text
  const text: string = record.cost_usd;
  return `${price}${text}`;
}

// @ts-expect-error a prompt is a text
export const wrong = new Darkroom({ baseUrl: 'http://127.0.0.1', apiKey: '' }).submit({ payload: { prompt: 5 } });
export const admin = new DarkroomAdmin({ baseUrl: 'http://127.0.0.1', apiKey: '' });
export const explain = (error: DarkroomError): number => error.status;
