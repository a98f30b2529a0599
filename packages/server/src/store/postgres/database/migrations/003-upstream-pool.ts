/** The remembered state of an upstream (`UpstreamState`, as JSON); a key without a row is healthy. */
export const upstreamPool = `
CREATE TABLE upstreams (
  upstream text COLLATE "C" NOT NULL,
  model text COLLATE "C" NOT NULL,
  state text NOT NULL,
  PRIMARY KEY (upstream, model)
) WITH (fillfactor = 50);
`;
