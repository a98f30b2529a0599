export interface Progress {
  /** Shows the progress: in place on a terminal, elsewhere one line per change. */
  show(text: string): void;
  /** Clears the line. Ending twice has no further effect. */
  end(): void;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Shows progress on standard error, so that standard output holds only the results. */
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
