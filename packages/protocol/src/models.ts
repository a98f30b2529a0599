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
