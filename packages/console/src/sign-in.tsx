import { type FormEvent, useId, useState, useTransition } from 'react';
import { Brand } from './brand.tsx';
import { toSentence } from './sentences.ts';
import { createDarkroom } from './session.tsx';
import './styles/sign-in.css';

export interface SignInProps {
  /** Why the reader has to sign in again. */
  readonly reason: string | undefined;
  readonly onSignIn: (apiKey: string) => void;
}

export function SignIn({ reason, onSignIn }: SignInProps) {
  const id = useId();
  const [apiKey, setApiKey] = useState('');
  const [problem, setProblem] = useState(reason);
  const [isChecking, startCheck] = useTransition();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    startCheck(async () => {
      try {
        await createDarkroom(apiKey.trim()).models();
        onSignIn(apiKey.trim());
      } catch (error) {
        setProblem(toSentence(error));
      }
    });
  };
  return (
    <main className="sign-in">
      <form className="panel" onSubmit={submit}>
        <h1>
          <Brand />
        </h1>
        <p className="soft">Describe a picture, and watch it develop.</p>
        <label className="field" htmlFor={id}>
          API key
        </label>
        <input
          id={id}
          type="password"
          autoComplete="current-password"
          spellCheck={false}
          required
          pattern="\s*[!-~]+\s*"
          title="A key is one word of plain letters, digits and punctuation."
          value={apiKey}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-problem ${id}-hint`}
          onChange={(event) => setApiKey(event.target.value)}
        />
        <p id={`${id}-problem`} className="problem" role="alert">
          {problem}
        </p>
        <button type="submit" className="primary" disabled={isChecking}>
          {isChecking ? 'Checking…' : 'Sign in'}
        </button>
        <p id={`${id}-hint`} className="soft hint">
          Darkroom printed a key when it first started; <code>npx darkroom keys create</code> creates another one. The
          link that it prints at every start signs you in without a key. Your key stays in this browser.
        </p>
      </form>
    </main>
  );
}
