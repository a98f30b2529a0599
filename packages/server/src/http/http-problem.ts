import type { ProblemCode } from '@darkroom/protocol';
import { Problem, type ProblemFacts } from '../core/problem.ts';

/** A refusal that only HTTP has, with its headers. */
export class HttpProblem extends Problem {
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    message: string,
    { headers, ...more }: ProblemFacts & { readonly headers: Readonly<Record<string, string>> },
  ) {
    super(code, message, more);
    this.headers = headers;
  }
}
