import type { Socket } from 'node:net';

/** Has a connection to a client for some time, one after the other: the doorway, a call, an answer. */
export interface Owner {
  data(socket: Socket, data: Buffer): void;
  drain?(): void;
  /** The client will send nothing more. */
  halfClose(socket: Socket): void;
  timeOut?(socket: Socket): void;
  fail?(error: Error): void;
  /** It is the last call. */
  close(socket: Socket): void;
}

const owners = new WeakMap<Socket, Owner>();

/** Gives the connection to an owner. It keeps its listeners while it changes hands, as crowds do. */
export function give(socket: Socket, owner: Owner): void {
  if (!owners.has(socket)) {
    socket.on('data', onData).on('drain', onDrain).on('end', onEnd);
    socket.on('timeout', onTimeout).on('error', onError).on('close', onClose);
  }
  owners.set(socket, owner);
}

/** Takes it from its owner, for good. */
export function giveAway(socket: Socket): void {
  owners.delete(socket);
  socket.off('data', onData).off('drain', onDrain).off('end', onEnd);
  socket.off('timeout', onTimeout).off('error', onError).off('close', onClose);
}

/** Data that belongs to the next call stays in the socket. While it waits, the end of the connection is not noticed, as it comes behind it. */
export function keepForLater(socket: Socket, data: Buffer): void {
  socket.pause();
  socket.unshift(data);
}

// The same listeners for all connections: closures for each would be a tenth of what an open answer takes.

function onData(this: Socket, data: Buffer): void {
  owners.get(this)?.data(this, data);
}

function onDrain(this: Socket): void {
  owners.get(this)?.drain?.();
}

function onEnd(this: Socket): void {
  owners.get(this)?.halfClose(this);
}

function onTimeout(this: Socket): void {
  owners.get(this)?.timeOut?.(this);
}

function onError(this: Socket, error: Error): void {
  owners.get(this)?.fail?.(error);
}

function onClose(this: Socket): void {
  owners.get(this)?.close(this);
}
