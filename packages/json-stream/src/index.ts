export { type DecodeOptions, decodeJson } from './decode-json.ts';
export { type EncodedJson, encodeJson } from './encode-json.ts';
export { JsonDecodeError } from './json-decode-error.ts';
export { splitLines } from './split-lines.ts';
export { BrokenString, SpooledString, type SpoolFile, type Spooling } from './spooled-string.ts';
export { Base64Slab, type StringSlab, slabBytes } from './string-slab.ts';
export { StringSpooler } from './string-spooler.ts';
