import type { Page } from 'playwright-core';
import sharp from 'sharp';

export interface Given {
  readonly kind: 'drop' | 'paste';
  /** The element on which the picture is dropped, or which has the focus. */
  readonly to: string;
}

/** Drops a picture on an element, or pastes it there. */
export async function givePicture(page: Page, given: Given): Promise<void> {
  const picture = { width: 64, height: 64, channels: 3 as const, background: 'teal' };
  const base64 = (await sharp({ create: picture }).png().toBuffer()).toString('base64');
  // Passed as text, because the page's types differ from those of the server's sources.
  await page.evaluate(`(({ kind, to, base64 }) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], 'colour.png', { type: 'image/png' }));
    const event = kind === 'drop'
      ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
      : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    document.querySelector(to).dispatchEvent(event);
  })(${JSON.stringify({ ...given, base64 })})`);
}
