import { ShownSecret } from '../shown-secret.tsx';

export interface EndpointSecretProps {
  readonly url: string;
  readonly secret: string;
  readonly onDone: () => void;
}

export function EndpointSecret({ url, secret, onDone }: EndpointSecretProps) {
  return (
    <ShownSecret secret={secret} onDone={onDone}>
      <strong>This secret signs what is sent to {url}.</strong> Copy it to where the signature is verified.
    </ShownSecret>
  );
}
