import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import { router } from './router.tsx';
import { SessionProvider } from './session.tsx';
import { SignIn } from './sign-in.tsx';
import { signIn, signOut, type Visitor } from './visitor.ts';

export function App({ arrival }: { readonly arrival: Visitor }) {
  const [visitor, setVisitor] = useState(arrival);
  if (visitor.apiKey === undefined) {
    return <SignIn reason={visitor.reason} onSignIn={(apiKey) => setVisitor(signIn(apiKey))} />;
  }
  return (
    <SessionProvider key={visitor.apiKey} apiKey={visitor.apiKey} onRefused={(reason) => setVisitor(signOut(reason))}>
      <RouterProvider router={router} context={{ signOut: () => setVisitor(signOut()) }} />
    </SessionProvider>
  );
}
