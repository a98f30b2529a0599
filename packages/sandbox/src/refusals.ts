/** The upstream's answer to a call that it refuses: the status and the whole body, word for word. */
export class Refusal extends Error {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Beside the type. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, page: RefusalPage) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.contentType = page.contentType;
    this.body = page.body;
    this.headers = page.headers ?? {};
  }

  /** `{"error":{code,message,status,details?}}`, the form of every JSON error of the upstream. */
  static json(status: number, error: ErrorWords): Refusal {
    const { word, message, details } = error;
    const body = JSON.stringify(
      { error: { code: status, message, status: word, ...(details && { details }) } },
      null,
      2,
    );
    return new Refusal(status, message, { contentType: 'application/json; charset=UTF-8', body });
  }

  /** The page that the upstream's front end sends when it gives up before the service sees the call. */
  static html(status: number, title: string, sentence: string): Refusal {
    const body = `<!DOCTYPE html>
<html lang=en>
  <title>Error ${status} (${title})!!1</title>
  <p><b>${status}.</b> <ins>That’s an error.</ins>
  <p>${sentence}  <ins>That’s all we know.</ins>
`;
    return new Refusal(status, sentence, { contentType: 'text/html; charset=UTF-8', body });
  }

  static invalidArgument(message: string, details?: readonly object[]): Refusal {
    return Refusal.json(400, { word: 'INVALID_ARGUMENT', message, ...(details && { details }) });
  }

  static missingKey(): Refusal {
    return Refusal.json(403, {
      word: 'PERMISSION_DENIED',
      message:
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
    });
  }

  static invalidKey(): Refusal {
    const message = 'API key not valid. Please pass a valid API key.';
    return Refusal.invalidArgument(message, [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'API_KEY_INVALID',
        domain: 'googleapis.com',
        metadata: { service: 'generativelanguage.googleapis.com' },
      },
      { '@type': 'type.googleapis.com/google.rpc.LocalizedMessage', locale: 'en-US', message },
    ]);
  }

  static retiredModel(id: string): Refusal {
    return Refusal.json(404, {
      word: 'NOT_FOUND',
      message: `This model models/${id} is no longer available. Please update your code to use a newer model for the latest features and improvements.`,
    });
  }

  static unknownModel(id: string, version: string): Refusal {
    return Refusal.json(404, {
      word: 'NOT_FOUND',
      message: `models/${id} is not found for API version ${version}, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.`,
    });
  }

  static unknownMethod(): Refusal {
    return Refusal.json(404, { word: 'NOT_FOUND', message: 'Method not found.' });
  }

  static tooLarge(maxBytes: number): Refusal {
    return Refusal.invalidArgument(`Request payload size exceeds the limit: ${maxBytes} bytes.`);
  }

  static internal(): Refusal {
    return Refusal.json(500, { word: 'INTERNAL', message: 'Internal error encountered.' });
  }
}

interface RefusalPage {
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface ErrorWords {
  /** The name of the status among the upstream's RPC codes. */
  readonly word: string;
  readonly message: string;
  readonly details?: readonly object[];
}
