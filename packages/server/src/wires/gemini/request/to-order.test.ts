import { describe, expect, it } from 'vitest';
import { models } from '../../../../test/models.ts';
import { toGenerateOrder } from './to-order.ts';

const spec = models.find('gemini-3-pro-image');
if (!spec) throw new Error('The model is missing');
const { limits } = spec;

const order = (body: object) => toGenerateOrder(body, { limits, toUri: (uri) => uri });
const payload = (body: object) => order({ contents: 'a fox', ...body }).payload;
const picture = { inlineData: { mimeType: 'image/png', data: 'aaaa' } };

function problems(body: object): readonly string[] {
  try {
    order({ contents: 'a fox', ...body });
    return [];
  } catch (error) {
    if (!(error instanceof Error && 'details' in error)) throw error;
    const details = error.details as readonly { readonly path: string }[]; // those of a Problem
    return details.map(({ path }) => path);
  }
}

describe('the contents', () => {
  const asked = [{ role: 'user', parts: [{ text: 'a fox' }] }];

  it.each([
    ['a text', 'a fox'],
    ['a list of texts', ['a fox']],
    ['a part', { text: 'a fox' }],
    ['one content', { parts: [{ text: 'a fox' }] }],
    ['a content with one part', [{ role: 'user', parts: { text: 'a fox' } }]],
    ['contents', [{ role: 'user', parts: [{ text: 'a fox' }] }]],
  ])('may be %s', (_name, contents) => {
    expect(order({ contents }).payload).toEqual({ contents: asked, image_output_format: 'jpeg' });
  });

  it('are camelCase or snake_case', () => {
    const parts = [{ inline_data: { mime_type: 'image/png', data: 'aaaa' } }, { file_data: { file_uri: 'gs://a/b' } }];
    expect(order({ contents: [{ parts }] }).payload).toMatchObject({
      contents: [{ role: 'user', parts: [picture, { fileData: { fileUri: 'gs://a/b' } }] }],
    });
  });

  it('keep the signatures of the model, and neither stand-ins nor what the user signed', () => {
    const parts = [
      { text: 'a', thoughtSignature: 'c2ln' },
      { text: 'b', thoughtSignature: 'skip_thought_signature_validator' },
    ];
    const contents = [
      { role: 'user', parts },
      { role: 'model', parts },
      { role: 'user', parts: [{ text: 'c' }] },
    ];
    expect(order({ contents }).payload).toMatchObject({
      contents: [
        { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
        { role: 'model', parts: [{ text: 'a', thoughtSignature: 'c2ln' }, { text: 'b' }] },
        { role: 'user', parts: [{ text: 'c' }] },
      ],
    });
  });
});

describe('the parameters', () => {
  it('become those of the payload', () => {
    const body = {
      system_instruction: { parts: [{ text: 'Be bold.' }, { text: 'Be brief.' }] },
      generation_config: {
        response_modalities: ['Image'],
        image_config: { aspect_ratio: '16:9', image_size: '2k', output_mime_type: 'image/webp' },
        candidate_count: 2,
        seed: 7,
        temperature: 0.5,
        top_p: 0.9,
        thinking_config: { thinking_level: 'LOW', include_thoughts: true, thinking_budget: -1 },
        max_output_tokens: 8_192,
        stop_sequences: ['x'],
      },
      safety_settings: [
        { category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' },
        { category: 'HARM_CATEGORY_HATE_SPEECH', threshold: 'HARM_BLOCK_THRESHOLD_UNSPECIFIED' },
      ],
      tools: [{ google_search: {} }, { function_declarations: [{ name: 'f' }] }],
      service_tier: 'standard',
      labels: { team: 'a' },
    };
    expect(payload(body)).toMatchObject({
      system_instruction: 'Be bold.\nBe brief.',
      aspect_ratio: '16:9',
      image_size: '2K',
      image_output_format: 'webp',
      number_of_images: 2,
      seed: 7,
      temperature: 0.5,
      top_p: 0.9,
      thinking_level: 'low',
      safety_settings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
      google_search: true,
    });
    const { wish } = order({ contents: 'a fox', ...body });
    expect(wish).toEqual({ isFormatChosen: true, isByUri: false, hasTexts: false });
  });

  it('may have the newer form of the format', () => {
    const image = {
      aspectRatio: 'ASPECT_RATIO_TWENTY_ONE_BY_NINE',
      imageSize: 'IMAGE_SIZE_FOUR_K',
      mimeType: 'IMAGE_JPEG',
    };
    const newer = { generationConfig: { responseFormat: { image: { ...image, delivery: 'URI' } } } };
    expect(payload(newer)).toMatchObject({ aspect_ratio: '21:9', image_size: '4K', image_output_format: 'jpeg' });
    expect(order({ contents: 'a', ...newer }).wish).toMatchObject({ isFormatChosen: true, isByUri: true });
  });

  it('have the ratio of the picture that is edited, when none is named', () => {
    expect(payload({})).not.toHaveProperty('aspect_ratio');
    expect(payload({ contents: [{ parts: [picture, { text: 'in red' }] }] })).toMatchObject({ aspect_ratio: 'auto' });
  });

  it('are refused by their names when they would change the picture and cannot be done', () => {
    const generationConfig = {
      topK: 40,
      mediaResolution: 'MEDIA_RESOLUTION_LOW',
      responseMimeType: 'application/json',
      responseModalities: ['TEXT'],
      imageConfig: { personGeneration: 'ALLOW_ALL' },
      thinkingConfig: { thinkingBudget: 128 },
      quality: 'best',
    };
    const body = { generationConfig, cachedContent: 'c', serviceTier: 'turbo', tools: [{ codeExecution: {} }] };
    expect([...problems(body)].sort()).toEqual([
      'cachedContent',
      'generationConfig.imageConfig.personGeneration',
      'generationConfig.mediaResolution',
      'generationConfig.quality',
      'generationConfig.responseMimeType',
      'generationConfig.responseModalities',
      'generationConfig.thinkingConfig.thinkingBudget',
      'generationConfig.topK',
      'serviceTier',
      'tools',
    ]);
    expect(problems({ contents: undefined })).toEqual(['contents']);
    const search = { googleSearch: { searchTypes: { webSearch: {}, imageSearch: {} }, timeRangeFilter: {} } };
    expect(problems({ tools: [search] })).toEqual([
      'tools.googleSearch.timeRangeFilter',
      'tools.googleSearch.searchTypes.imageSearch',
    ]);
    expect(problems({ generationConfig: { seed: 'seven' } })).toEqual(['generationConfig.seed']);
  });
});
