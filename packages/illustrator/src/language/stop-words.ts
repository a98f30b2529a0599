/** Words that name nothing to draw, although an emoji has them as keywords. */
export const stopWords: ReadonlySet<string> = new Set(
  `a about above across add after again against age ai air all along also am among an and another any apart are around
  art artistic as aspect at atmosphere atmospheric award away back background beautiful beauty because become behind
  being below beneath between big bit blurred blurry body bokeh bold bottom bright by call calm can capture center change
  character cinematic city clean clear clever close closeup cold color colorful colour colourful come comfort composition
  concept contrast cool could cozy create creative crisp cute daily dark deep delicate depth detail detailed details did do
  does doing down dramatic draw drawing drink drinking each early eat eating effect elegant else empty end energy
  epic evening every expression extreme eye eyes fabulous face faces fall family fancy fantastic fast feel feeling few field
  film filled find fine first flies floating flying focus follow for foreground format four frame free fresh from front
  full fun funny future game gentle get giant give glow glowing go going good great group grow had hair half hand handmade
  hands happy hard has have having he heavy help her here hers high highly him his hold holding hot how huge i illustration
  image images in inside into is it item its joy just keep kind know large last late left lens less let life light
  lighting lights like line lines little live lively living long look looking looks lot love lovely low made magic magical
  main majestic make makes making many masterpiece me medium middle minimal modern mood moody more most motion move moving
  much my mystical name natural nature near new next nice no not nothing number of off old on one only onto open
  or other our out outdoor outdoors outside over own painting part people perfect person perspective photo photograph
  photographic photography photorealistic pic picture piece place play playing please point pose posing portrait pretty
  print professional put quality quiet ratio read reading real realism realistic really relax render rendered rendering resolution
  rest retro rich right round run running runs scene second see seen serene set shade shadow shadows sharp
  she shine shining shiny shoot shot show shows side simple sit sitting size sky sleek sleeping slow small smile smiling smooth
  so soft softly some sound spring square stand standing start stay step still stop strong studio stunning style stylish
  subject such surface surreal surrounded sweet swimming take tall text texture than that the their them then there these they
  thing things thin this those through time tiny to together tone tones too top towards traditional travel traveling true turn
  two type ultra under until up upon us use used using v very vibrant view vintage vivid walk walking want warm was watches
  watching wave waves we wear wearing weather well what when where which while white who wide wild will winter wish with without
  wonderful word words work working world would write x yes yet you young your`.split(/\s+/),
);
