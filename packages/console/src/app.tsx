import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import { forgetApiKey, keepApiKey, readApiKey } from './api-key.ts';
import { router } from './router.tsx';
import { SessionProvider } from './session.tsx';
import { SignIn } from './sign-in.tsx';

/** Who is not signed in may have been sent here with a reason. */
type Visitor = { readonly apiKey: string } | { readonly apiKey?: undefined; readonly reason?: string };

export function App() {
  const [visitor, setVisitor] = useState<Visitor>(() => {
    const apiKey = readApiKey();
    return apiKey === undefined ? {} : { apiKey };
  });

  const signIn = (apiKey: string) => {
    keepApiKey(apiKey);
    setVisitor({ apiKey });
  };
  const signOut = (reason?: string) => {
    forgetApiKey();
    setVisitor(reason === undefined ? {} : { reason });
  };

  if (visitor.apiKey === undefined) return <SignIn reason={visitor.reason} onSignIn={signIn} />;
  return (
    <SessionProvider key={visitor.apiKey} apiKey={visitor.apiKey} onRefused={signOut}>
      <RouterProvider router={router} context={{ signOut: () => signOut() }} />
    </SessionProvider>
  );
}
