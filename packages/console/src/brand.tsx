/** The name, with a darkroom safelight as its logo. */
export function Brand() {
  return (
    <span className="brand">
      <span className="safelight" aria-hidden="true" />
      Darkroom
    </span>
  );
}
