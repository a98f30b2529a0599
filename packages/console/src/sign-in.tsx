import { type FormEvent, useEffect, useId, useState, useTransition } from 'react';
import { Brand } from './brand.tsx';
import { toSentence } from './sentences.ts';
import { beginWithKey, openIdAddress, readSignInWays } from './sign-in-ways.ts';
import './styles/sign-in.css';

export interface SignInProps {
  /** Why the reader has to sign in again. */
  readonly reason: string | undefined;
  readonly onSignIn: (apiKey: string) => void;
}

export function SignIn({ reason, onSignIn }: SignInProps) {
  const id = useId();
  const [apiKey, setApiKey] = useState('');
  /** What is wrong with the key; until then the reason is shown. */
  const [problem, setProblem] = useState<string>();
  const [isChecking, startCheck] = useTransition();
  const provider = useProvider();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    startCheck(async () => {
      try {
        await beginWithKey(apiKey.trim());
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
        <p className="problem" role="alert">
          {problem === undefined && reason}
        </p>
        {provider !== undefined && (
          <>
            <a className="button primary" href={openIdAddress}>
              Sign in with {provider}
            </a>
            <p className="soft or">or with a key</p>
          </>
        )}
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
        <button type="submit" className={provider === undefined ? 'primary' : undefined} disabled={isChecking}>
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

/** The name of the provider through which people sign in, if there is one. Without an answer, a key is still possible. */
function useProvider(): string | undefined {
  const [name, setName] = useState<string>();
  useEffect(() => {
    readSignInWays().then(
      ({ openid_connect: openId }) => setName(openId?.name),
      () => undefined,
    );
  }, []);
  return name;
}
