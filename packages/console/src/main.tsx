import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { findVisitor } from './visitor.ts';
import './styles/base.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
// Before the page is drawn: a sign-in link must be used once, and its code leaves the address first of all.
const arrival = await findVisitor();
createRoot(root).render(
  <StrictMode>
    <App arrival={arrival} />
  </StrictMode>,
);
