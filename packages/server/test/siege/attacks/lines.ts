import { setTimeout as sleep } from 'node:timers/promises';
import { type Attack, askAndStall, shoot } from '../target.ts';

/** Opens thousands of event streams of one key, and streams of a key that is revoked while they listen. */
export const attackWithStreams: Attack = async (target, answers) => {
  const listen = (key: string) => askAndStall({ ...target, key }, '/events');
  const revoked = await Promise.all(Array.from({ length: 10 }, () => listen(target.revokedKey)));
  const sockets = await Promise.all(Array.from({ length: target.lines }, () => listen(target.key)));
  const [, keyId = ''] = /^dk_([^_]+)_/.exec(target.revokedKey) ?? [];
  await shoot({ ...target, key: target.adminKey }, answers, {
    method: 'DELETE',
    path: `${target.url}/api/v1/admin/keys/${keyId}`,
  });
  await sleep(Math.max(0, target.endsAt - Date.now()));
  for (const socket of [...revoked, ...sockets]) socket.destroy();
};

/** Opens hundreds of connections that ask for a picture, a list or the console, and never read it. */
export function attackWithStalledReaders(pictureUrl: string): Attack {
  return async (target) => {
    const paths = [pictureUrl, '/requests', `${target.url}/openapi.json`];
    const sockets = await Promise.all(
      Array.from({ length: target.lines }, (_, index) => askAndStall(target, paths[index % paths.length] ?? '')),
    );
    await sleep(Math.max(0, target.endsAt - Date.now()));
    for (const socket of sockets) socket.destroy();
  };
}
