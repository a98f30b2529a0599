import type { Tool } from './tool.ts';
import { cancelTool } from './tools/cancel.ts';
import { editImageTool } from './tools/edit-image.ts';
import { generateImageTool } from './tools/generate-image.ts';
import { getBudgetTool } from './tools/get-budget.ts';
import { getResultTool } from './tools/get-result.ts';
import { listGenerationsTool } from './tools/list-generations.ts';
import { listModelsTool } from './tools/list-models.ts';

/** In the order in which clients are shown them. */
export const tools: readonly Tool[] = [
  generateImageTool,
  editImageTool,
  getResultTool,
  cancelTool,
  listModelsTool,
  getBudgetTool,
  listGenerationsTool,
];
