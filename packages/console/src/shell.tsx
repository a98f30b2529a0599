import { Link, Outlet, useRouteContext } from '@tanstack/react-router';
import { Brand } from './brand.tsx';
import { useMe } from './me.ts';
import { ServerAway } from './server-away.tsx';
import './styles/shell.css';

const pages = [
  { to: '/', name: 'Studio' },
  { to: '/gallery', name: 'Gallery' },
  { to: '/uploads', name: 'Uploads' },
  { to: '/queue', name: 'Queue' },
  { to: '/usage', name: 'Usage' },
  { to: '/webhooks', name: 'Webhooks' },
  { to: '/keys', name: 'Keys', isForOperators: true },
  { to: '/organizations', name: 'Organizations', isForOperators: true },
  { to: '/sessions', name: 'Sessions', isForOperators: true },
  { to: '/audit', name: 'Audit log', isForOperators: true },
] as const;

/** The frame around every page for a signed-in reader. */
export function Shell() {
  const { signOut } = useRouteContext({ from: '__root__' });
  const me = useMe();
  const shown = pages.filter((page) => !('isForOperators' in page) || me?.is_admin === true);
  return (
    <>
      <header className="bar">
        <Brand />
        <nav className="pages" aria-label="Pages">
          {shown.map(({ to, name }) => (
            <Link key={to} to={to} activeOptions={{ exact: true, includeSearch: false }}>
              {name}
            </Link>
          ))}
        </nav>
        <div className="aside">
          {me?.is_sandbox === true && <SandboxSign />}
          <a href="/docs">Docs</a>
          <button
            type="button"
            className="quiet"
            title={me?.person && `Signed in as ${me.person.name}`}
            onClick={signOut}
          >
            Sign out
          </button>
        </div>
      </header>
      <ServerAway />
      <Outlet />
    </>
  );
}

function SandboxSign() {
  return (
    <span className="sandbox" title="Darkroom draws the pictures itself, without a model. They cost nothing.">
      Sandbox
    </span>
  );
}
