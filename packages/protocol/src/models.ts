import { z } from 'zod';

const parameterValue = z.union([z.string(), z.number(), z.null()]);

export const modelParameterSchema = z
  .object({
    name: z.string(),
    display_name: z.string(),
    description: z.string(),
    type: z.string(),
    required: z.boolean(),
    default_value: parameterValue,
    options: z.array(z.string()).nullable(),
    min_value: z.number().nullable(),
    max_value: z.number().nullable(),
  })
  .meta({ id: 'ModelParameter' });

const amount = z.number().min(0);

export const modelPricesSchema = z
  .object({
    currency: z.literal('USD'),
    unit: z.literal('micro-dollars').meta({ description: 'Of every amount here: 1,000,000 are a dollar.' }),
    per_image: z.record(z.string(), amount).meta({
      description: 'What each picture made costs, by `image_size`. Its prompt and references are not included.',
    }),
    per_reference: amount.meta({ description: 'What each reference picture costs, once for each picture made.' }),
    per_token: z.object({ prompt: amount, text: amount, image: amount }).meta({
      description:
        'What calls are charged by: tokens of the prompt with its references, of text that the model writes or thinks, and of pictures made.',
    }),
    per_tier: z.record(z.string(), amount).optional().meta({
      description:
        'Of each other service tier that the model has: what tokens cost there, as a multiple of these prices.',
    }),
    as_of: z.string().meta({ description: 'The month in which the prices were read: `YYYY-MM`.' }),
    source: z.string().meta({ description: 'Where they were read, and what was concluded.' }),
  })
  .meta({ id: 'ModelPrices' });

const pixelsSchema = z.object({ width: z.int(), height: z.int() });

export const modelDetailSchema = z
  .object({
    model: z.string(),
    org_id: z.string(),
    display_name: z.string(),
    brief_description: z.string(),
    detailed_description: z.string().meta({ description: 'Markdown.' }),
    modalities: z.object({ input: z.array(z.string()), output: z.array(z.string()) }),
    tags: z.array(z.string()),
    model_type: z.string(),
    delivery_mode: z.string(),
    parameters: z.array(modelParameterSchema),
    price_info: z.object({
      price: z.int().meta({ description: 'Micro-dollars.' }),
      pricing_type: z.string(),
      unit: z.string(),
    }),
    pricing_details: z.string(),
    prices: modelPricesSchema,
    stand_ins: z.array(z.string()).optional().meta({
      description:
        'The models that the operator has named to be called instead when this one cannot be, the first one first; `"fallback": false` forbids it.',
    }),
    pixels: z.record(z.string(), z.record(z.string(), pixelsSchema)).meta({
      description: 'The pixels of a picture, by `image_size` and `aspect_ratio`, where the model promises them.',
    }),
  })
  .meta({ id: 'ModelDetail' });

export const modelListSchema = z
  .object({
    model_ids: z.array(z.string()),
    models: z.array(modelDetailSchema).meta({ description: 'The same models in detail, in the same order.' }),
  })
  .meta({ id: 'ModelList' });

export type ModelList = z.infer<typeof modelListSchema>;
export type ModelDetail = z.infer<typeof modelDetailSchema>;
export type ModelParameter = z.infer<typeof modelParameterSchema>;
