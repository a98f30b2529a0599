/** The name with its safelight. */
export function Brand() {
  return (
    <span className="brand">
      <span className="safelight" aria-hidden="true" />
      Darkroom
    </span>
  );
}
