import { useLocation, useNavigate } from '@tanstack/react-router';

/** The id of the request that the studio shows. It is in the address, so that reload, back and bookmarks keep it. */
export function useSelectedRequest(): string | undefined {
  const hash = useLocation({ select: (location) => location.hash });
  return hash === '' ? undefined : hash;
}

export function useSelectRequest(): (id: string) => void {
  const navigate = useNavigate();
  return (id) => void navigate({ to: '/', hash: id });
}
