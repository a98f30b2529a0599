import { Link, Outlet, useRouteContext } from '@tanstack/react-router';
import { Brand } from './brand.tsx';
import { useUpstreams } from './queue/upstreams.ts';
import './styles/shell.css';

const pages = [
  { to: '/', name: 'Studio' },
  { to: '/gallery', name: 'Gallery' },
  { to: '/queue', name: 'Queue' },
  { to: '/usage', name: 'Usage' },
] as const;

/** What stands around every page of who is signed in. */
export function Shell() {
  const { signOut } = useRouteContext({ from: '__root__' });
  return (
    <>
      <header className="bar">
        <Brand />
        <nav className="pages" aria-label="Pages">
          {pages.map(({ to, name }) => (
            <Link key={to} to={to} activeOptions={{ exact: true, includeSearch: false }}>
              {name}
            </Link>
          ))}
        </nav>
        <div className="aside">
          <SandboxSign />
          <a href="/docs">Reference</a>
          <button type="button" className="quiet" onClick={signOut}>
            Sign out
          </button>
        </div>
      </header>
      <Outlet />
    </>
  );
}

/** Said only to operators: others may not ask where the calls go. */
function SandboxSign() {
  const { data } = useUpstreams();
  if (!data?.upstreams.every(({ upstream }) => upstream === 'sandbox')) return null;
  return (
    <span className="sandbox" title="Pictures are drawn by Darkroom itself, without Gemini, and cost nothing in truth.">
      Sandbox
    </span>
  );
}
