/**
 * `node:http`, not imported: an `import` reads all its exports, one of which loads the `fetch` of Node. A process that needs none
 * of that starts on 45 ms less processor time and with 13 MB less memory.
 */
export const http = process.getBuiltinModule('node:http');
