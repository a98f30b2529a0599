export interface Progress {
  /** Shows how far it is; on a terminal in place, elsewhere one line a change. */
  show(text: string): void;
  /** Wipes the line. Ending twice is ending once. */
  end(): void;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Progress on standard error, so that standard output holds the results alone. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const started = process.hrtime.bigint();
  let frame = 0;
  let last: string | undefined;
  return {
    show: (text) => {
      if (stream.isTTY) {
        const seconds = Number((process.hrtime.bigint() - started) / 1_000_000_000n);
        stream.write(`\r\u001b[K${frames[frame++ % frames.length]} ${text} ${seconds} s`);
      } else if (text !== last) stream.write(`${text}\n`);
      last = text;
    },
    end: () => {
      if (stream.isTTY && last !== undefined) stream.write('\r\u001b[K');
      last = undefined;
    },
  };
}
